# What `cmake --install` puts where, and the CMake package and pkg-config file of the library.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The library is everything below the command line. Its layers are compiled once and linked twice.
# Symbols are hidden but for the bodies of the public headers: the layer model and these files.
get_property(extensions GLOBAL PROPERTY eventflux_extension_targets)
set(parts eventflux_parser eventflux_base eventflux_model eventflux_syntax eventflux_semantic
  eventflux_plan eventflux_runtime eventflux_lower eventflux_engine eventflux_extensions
  ${extensions})
set(objects)
foreach(part IN LISTS parts)
  list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()
foreach(kind SHARED STATIC)
  string(TOLOWER ${kind} name)
  add_library(eventflux_${name} ${kind} ${objects})
  set_target_properties(eventflux_${name} PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME eventflux)
  target_compile_features(eventflux_${name} INTERFACE cxx_std_20)
  target_include_directories(eventflux_${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endforeach()
set_target_properties(eventflux_shared PROPERTIES EXPORT_NAME eventflux
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
# The archives define nothing that the objects do not; they bring the third-party libraries.
target_link_libraries(eventflux_shared PRIVATE ${parts})
# Whoever links the archive links those by name.
set(third_party antlr4-runtime spdlog fmt simdjson re2 cctz lmdb ssl crypto zstd utf8proc z pthread)
set_target_properties(eventflux_static PROPERTIES EXPORT_NAME eventflux_static)
target_link_libraries(eventflux_static INTERFACE ${third_party})

install(TARGETS eventflux RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS eventflux_shared eventflux_static EXPORT EventFluxTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${EVENTFLUX_ROOT}/src/include/eventflux DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  PATTERN "*.in" EXCLUDE)
install(FILES ${CMAKE_BINARY_DIR}/include/eventflux/version.hpp
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eventflux)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/EventFlux)
install(EXPORT EventFluxTargets NAMESPACE EventFlux:: DESTINATION ${package})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/package/EventFluxConfig.cmake.in
  ${CMAKE_BINARY_DIR}/generated/EventFluxConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/EventFluxConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/EventFluxConfig.cmake
  ${CMAKE_BINARY_DIR}/generated/EventFluxConfigVersion.cmake DESTINATION ${package})

# The prefix as seen from the file, so that the tree may be moved.
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" up "${up}")
list(TRANSFORM third_party PREPEND -l OUTPUT_VARIABLE private_libraries)
list(JOIN private_libraries " " private_libraries)
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/eventflux.pc.in
  ${CMAKE_BINARY_DIR}/generated/eventflux.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/eventflux.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
