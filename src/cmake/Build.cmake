# Language level, warnings, sanitizers, and eventflux_library(): one static library per layer.
cmake_path(SET EVENTFLUX_ROOT NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../..)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(EVENTFLUX_CCACHE ccache)
if(EVENTFLUX_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${EVENTFLUX_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${EVENTFLUX_CCACHE})
  if(EVENTFLUX_PRECOMPILE)  # ccache asks for this before it stores what read a precompiled header
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${EVENTFLUX_CCACHE})
  endif()
endif()
find_program(EVENTFLUX_MOLD mold)
if(EVENTFLUX_MOLD AND NOT CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
add_compile_options(-pthread)  # as some libraries ask for, and a precompiled header fits one set of flags
find_package(PkgConfig REQUIRED)
if(EVENTFLUX_TESTS)
  find_package(doctest REQUIRED)
  include(doctest)
endif()

# Flags of our own code; sanitizers apply to everything that is linked.
add_library(eventflux_flags INTERFACE)
target_compile_options(eventflux_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=switch
  -Wnon-virtual-dtor -Wold-style-cast -Wsuggest-override -ffp-contract=off
  $<$<BOOL:${EVENTFLUX_WERROR}>:-Werror> $<$<BOOL:${EVENTFLUX_FRAME_POINTERS}>:-fno-omit-frame-pointer>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # It warns of overlapping and endless copies inside std::string's own functions (GCC bug 105329);
  # clang-tidy and the address sanitizer look for real ones.
  target_compile_options(eventflux_flags INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(eventflux_flags INTERFACE -march=x86-64-v2)
endif()
if(EVENTFLUX_SANITIZE)
  add_compile_options(-fsanitize=${EVENTFLUX_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize=vptr,null,alignment)
  add_link_options(-fsanitize=${EVENTFLUX_SANITIZE})
  target_compile_definitions(eventflux_flags INTERFACE DOCTEST_CONFIG_NO_POSIX_SIGNALS)
  if(EVENTFLUX_SANITIZE MATCHES "thread")
    # The thread sanitizer does not understand fences; what runs on an executor does not need Asio's.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

configure_file(${EVENTFLUX_ROOT}/src/cmake/version.hpp.in
               ${CMAKE_BINARY_DIR}/include/eventflux/version.hpp @ONLY)

# The public headers: all that an extension sees.
add_library(eventflux_api INTERFACE)
target_include_directories(eventflux_api INTERFACE
  $<BUILD_INTERFACE:${EVENTFLUX_ROOT}/src/include> $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>)

# The inside: what layers see.
add_library(eventflux_inside INTERFACE)
target_include_directories(eventflux_inside INTERFACE ${EVENTFLUX_ROOT}/src ${EVENTFLUX_ROOT})
target_link_libraries(eventflux_inside INTERFACE eventflux_api eventflux_flags)

# The standard library is parsed once per set of flags, not once per file: a quarter of a build. Only
# the optimised presets do so; the others show which file forgot an include.
function(eventflux_standard_headers name)
  file(WRITE ${CMAKE_BINARY_DIR}/generated/${name}.cpp "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/generated/${name}.cpp)
  target_link_libraries(${name} PRIVATE eventflux_flags Threads::Threads)
  target_compile_options(${name} PRIVATE ${ARGN})
  target_precompile_headers(${name} PRIVATE ${EVENTFLUX_ROOT}/src/cmake/standard_headers.hpp)
endfunction()
set(EVENTFLUX_COLD $<$<CONFIG:Release>:-O1>)
if(EVENTFLUX_PRECOMPILE)
  eventflux_standard_headers(eventflux_standard)
  eventflux_standard_headers(eventflux_standard_cold ${EVENTFLUX_COLD})
endif()
function(eventflux_precompiled target from)
  if(EVENTFLUX_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# eventflux_tests(target SOURCES… LINKS… [TIMEOUT seconds]): one doctest program, each case a ctest.
function(eventflux_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINKS")
  if(NOT EVENTFLUX_TESTS OR NOT arg_SOURCES)
    return()
  endif()
  add_executable(${target} ${arg_SOURCES} ${EVENTFLUX_ROOT}/src/cmake/doctest_main.cpp)
  target_link_libraries(${target} PRIVATE ${arg_LINKS} eventflux_inside doctest::doctest Threads::Threads)
  target_compile_options(${target} PRIVATE -fPIC)  # as the libraries, whose precompiled header it shares
  eventflux_precompiled(${target} eventflux_standard)
  set(properties LABELS unit)
  if(arg_TIMEOUT)
    list(APPEND properties TIMEOUT ${arg_TIMEOUT})
  endif()
  doctest_discover_tests(${target} PROPERTIES ${properties})
endfunction()

# eventflux_library(layer [COLD] LINKS layers… LIBRARIES third party…): every .cpp below the folder;
# *_test.cpp becomes the layer's doctest program, which links what the layer links and no more.
# COLD: its code runs once per app and never per row, so Release compiles it with -O1, a fifth sooner.
function(eventflux_library layer)
  cmake_parse_arguments(PARSE_ARGV 1 arg "COLD" "" "LINKS;LIBRARIES")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|/main)[.]cpp$")
  list(FILTER tests INCLUDE REGEX "_test[.]cpp$")
  add_library(eventflux_${layer} STATIC ${sources})
  list(TRANSFORM arg_LINKS PREPEND eventflux_)
  target_link_libraries(eventflux_${layer} PUBLIC eventflux_inside ${arg_LINKS}
                        PRIVATE ${arg_LIBRARIES} Threads::Threads)
  if(arg_COLD)
    target_compile_options(eventflux_${layer} PRIVATE ${EVENTFLUX_COLD})
    eventflux_precompiled(eventflux_${layer} eventflux_standard_cold)
  else()
    eventflux_precompiled(eventflux_${layer} eventflux_standard)
  endif()
  eventflux_tests(eventflux_${layer}_test SOURCES ${tests} LINKS eventflux_${layer})
endfunction()
