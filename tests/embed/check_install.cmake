# cmake -D build=… -D work=… -D version=… -D compiler=… -D config=… -P check_install.cmake: installs
# into a folder, builds the host program there with find_package and with pkg-config, and runs it.
cmake_minimum_required(VERSION 3.25)
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# `make build` makes all that is installed.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../../Makefile made REGEX "--target eventflux eventflux_shared eventflux_static$")
if(NOT made)
  message(FATAL_ERROR "Makefile: `build` does not make what `cmake --install` installs")
endif()

set(prefix ${work}/prefix)
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})
run(${CMAKE_COMMAND} --install ${build} --prefix ${prefix})
run(${CMAKE_COMMAND} -G Ninja -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${work}/consumer
    -D CMAKE_PREFIX_PATH=${prefix} -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_FLAGS=${flags}
    -D wanted_version=${version})
run(${CMAKE_COMMAND} --build ${work}/consumer)
foreach(library eventflux eventflux_static)
  run(${CMAKE_COMMAND} -E chdir ${work}/consumer ${work}/consumer/host_${library})
endforeach()

set(ENV{PKG_CONFIG_PATH} ${prefix}/${libdir}/pkgconfig)
execute_process(COMMAND pkg-config --cflags --libs eventflux OUTPUT_VARIABLE options
  COMMAND_ERROR_IS_FATAL ANY OUTPUT_STRIP_TRAILING_WHITESPACE)
separate_arguments(options UNIX_COMMAND "${options} ${flags}")
run(${compiler} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/host_cpp.cpp -o ${work}/host_pkg_config
    ${options} -Wl,-rpath,${prefix}/${libdir})
run(${CMAKE_COMMAND} -E chdir ${work} ${work}/host_pkg_config)
run(${prefix}/${bindir}/eventflux --version)
