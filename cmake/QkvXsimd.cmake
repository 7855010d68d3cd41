# The target qkv::xsimd: an installed xsimd 13 or newer, else a pinned one.
#
# Emscripten's sysroot must not see the system's include folder (glibc's headers), where xsimd
# often is; a folder in the build tree that links to xsimd alone serves every compiler.
find_path(
  QKV_XSIMD_INCLUDE xsimd/xsimd.hpp
  HINTS "$ENV{QKV_XSIMD_INCLUDE}"
  PATHS /usr/include /usr/local/include
  NO_CMAKE_FIND_ROOT_PATH)

if(QKV_XSIMD_INCLUDE)
  file(STRINGS "${QKV_XSIMD_INCLUDE}/xsimd/config/xsimd_config.hpp" major
       REGEX "define XSIMD_VERSION_MAJOR")
  string(REGEX MATCH "[0-9]+" major "${major}")
  if(major LESS 13)
    message(STATUS "xsimd in ${QKV_XSIMD_INCLUDE} is version ${major}; 13 or newer is needed")
    set(QKV_XSIMD_INCLUDE "")
  endif()
endif()

if(NOT QKV_XSIMD_INCLUDE)
  include(FetchContent)
  FetchContent_Declare(
    xsimd
    URL https://github.com/xtensor-stack/xsimd/archive/refs/tags/13.2.0.tar.gz
    URL_HASH SHA256=edd8cd3d548c185adc70321c53c36df41abe64c1fe2c67bc6d93c3ecda82447a
    SOURCE_SUBDIR nothing-to-build)
  FetchContent_MakeAvailable(xsimd)
  set(QKV_XSIMD_INCLUDE "${xsimd_SOURCE_DIR}/include")
endif()

set(link_folder "${PROJECT_BINARY_DIR}/xsimd-include")
file(MAKE_DIRECTORY "${link_folder}")
file(CREATE_LINK "${QKV_XSIMD_INCLUDE}/xsimd" "${link_folder}/xsimd" SYMBOLIC)
add_library(qkv_xsimd INTERFACE)
add_library(qkv::xsimd ALIAS qkv_xsimd)
target_include_directories(qkv_xsimd SYSTEM INTERFACE "${link_folder}")
# The scalar arch is xsimd's emulation.
target_compile_definitions(qkv_xsimd INTERFACE XSIMD_WITH_EMULATED=1)
