# Catch2::Catch2WithMain from source: WebAssembly needs its own build, and Debian has the library
# for native code only. QKV_CATCH2_SOURCE in the environment names a source folder; else a pinned
# archive is fetched. Warnings in it are not ours.
include(FetchContent)
if(DEFINED ENV{QKV_CATCH2_SOURCE})
  set(FETCHCONTENT_SOURCE_DIR_CATCH2 "$ENV{QKV_CATCH2_SOURCE}")
endif()
set(CMAKE_COMPILE_WARNING_AS_ERROR OFF)
FetchContent_Declare(
  Catch2
  URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
  URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c
  SYSTEM)
FetchContent_MakeAvailable(Catch2)
unset(CMAKE_COMPILE_WARNING_AS_ERROR)
