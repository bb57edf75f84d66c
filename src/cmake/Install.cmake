# What `cmake --install` puts where, and the CMake package and pkg-config file of the library.
include(GNUInstallDirs)
install(TARGETS eventflux RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
