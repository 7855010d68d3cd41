# The target qkv::catch2 from Catch2's amalgamated source: WebAssembly needs a build of its own, and
# one translation unit builds in seconds where the library's hundred take minutes under Emscripten.
# QKV_CATCH2_SOURCE in the environment names a source folder; else a pinned archive is fetched.
include(FetchContent)
if(DEFINED ENV{QKV_CATCH2_SOURCE})
  set(FETCHCONTENT_SOURCE_DIR_CATCH2 "$ENV{QKV_CATCH2_SOURCE}")
endif()
FetchContent_Declare(
  Catch2
  URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
  URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c
  SOURCE_SUBDIR extras/nothing-to-build)
FetchContent_MakeAvailable(Catch2)

add_library(qkv_catch2 STATIC "${catch2_SOURCE_DIR}/extras/catch_amalgamated.cpp")
add_library(qkv::catch2 ALIAS qkv_catch2)
target_include_directories(qkv_catch2 SYSTEM PUBLIC "${catch2_SOURCE_DIR}/extras")
# A test runner need not be fast, and its warnings are not ours.
target_compile_options(qkv_catch2 PRIVATE -O1 -w)
