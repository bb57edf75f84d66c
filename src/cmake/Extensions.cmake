# Extensions: one folder each below extensions/<kind>/, found by their CMakeLists.txt. Nothing else
# names them: the registrar that calls every register_extension() is generated here.

# eventflux_extension(SOURCES … [LIBRARIES …]): kind and name follow from the folder.
# *_test.cpp beside the sources become a doctest program.
function(eventflux_extension)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "SOURCES;LIBRARIES")
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME name)
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent)
  cmake_path(GET parent FILENAME kind)
  set(target eventflux_${kind}_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  # Bodies of the public headers come from model; LINK_ONLY orders the linking and shows no header.
  target_link_libraries(${target} PRIVATE eventflux_api eventflux_flags ${arg_LIBRARIES} Threads::Threads
                        INTERFACE $<LINK_ONLY:eventflux_model>)
  eventflux_precompiled(${target} eventflux_standard)
  set_property(GLOBAL APPEND PROPERTY eventflux_extension_targets ${target})
  set_property(GLOBAL APPEND PROPERTY eventflux_extension_names ${kind}::${name})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  eventflux_tests(${target}_test SOURCES ${tests} LINKS ${target} eventflux_runtime ${arg_LIBRARIES})
endfunction()

# Writes the registrar and the library eventflux_extensions.
function(eventflux_registrar)
  get_property(targets GLOBAL PROPERTY eventflux_extension_targets)
  get_property(names GLOBAL PROPERTY eventflux_extension_names)
  set(declarations "")
  set(calls "")
  foreach(name IN LISTS names)
    string(APPEND declarations "namespace eventflux::${name} { void register_extension(Registry& registry); }\n")
    string(APPEND calls "  ${name}::register_extension(registry);\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/registrar.cpp @ONLY CONTENT
"#include \"eventflux/extension.hpp\"

@declarations@
namespace eventflux {

void register_extensions(Registry& registry);

void register_extensions([[maybe_unused]] Registry& registry) {
@calls@}

}  // namespace eventflux
")
  add_library(eventflux_extensions STATIC ${CMAKE_BINARY_DIR}/generated/registrar.cpp)
  target_link_libraries(eventflux_extensions PUBLIC eventflux_api PRIVATE ${targets} eventflux_runtime)
endfunction()
