# Every third-party dependency, found once and offered as sotto::NAME, so that no other file names a package.
# All are imported targets: their headers are system headers, which our warning flags skip.

find_package(PkgConfig REQUIRED)
set(sotto_deps "${PROJECT_SOURCE_DIR}/build/deps")

# sotto_dependency(NAME PkgConfig-modules...): sotto::NAME from pkg-config.
function(sotto_dependency name)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${ARGN})
    if(NOT ${name}_FOUND)
        message(FATAL_ERROR "Not found: ${ARGN}. Run ./dev setup, which installs what Sotto is built from.")
    endif()
    add_library(sotto_dep_${name} INTERFACE)
    target_link_libraries(sotto_dep_${name} INTERFACE PkgConfig::${name})
    add_library(sotto::${name} ALIAS sotto_dep_${name})
    set(${name}_VERSION "${${name}_VERSION}" PARENT_SCOPE)
endfunction()

# sotto_header_dependency(NAME HEADER): sotto::NAME for a header-only library.
function(sotto_header_dependency name header)
    find_path(${name}_HEADER_DIR "${header}")
    mark_as_advanced(${name}_HEADER_DIR)
    if(NOT ${name}_HEADER_DIR)
        message(FATAL_ERROR "Not found: ${header}. Run ./dev setup, which installs what Sotto is built from.")
    endif()
    add_library(sotto_dep_${name} INTERFACE)
    target_include_directories(sotto_dep_${name} SYSTEM INTERFACE "${${name}_HEADER_DIR}")
    add_library(sotto::${name} ALIAS sotto_dep_${name})
endfunction()

# --- libsodium: the one ./dev setup built, statically; else the system's ---------------------------
if(EXISTS "${sotto_deps}/libsodium/lib/libsodium.a" AND NOT SOTTO_SYSTEM_SODIUM)
    add_library(sotto_dep_sodium INTERFACE)
    target_include_directories(sotto_dep_sodium SYSTEM INTERFACE "${sotto_deps}/libsodium/include")
    # crypto/curve_guard.cpp has these two of its own. libzmq asks for their neighbours, so the linker may
    # take libsodium's object as well: there they become its private ones.
    set(sotto_sodium_built "${sotto_deps}/libsodium/lib/libsodium.a")
    set(sotto_sodium_archive "${PROJECT_BINARY_DIR}/libsodium.a")
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${sotto_sodium_built}")
    if("${sotto_sodium_built}" IS_NEWER_THAN "${sotto_sodium_archive}")
        execute_process(COMMAND "${CMAKE_OBJCOPY}" --localize-symbol=crypto_box_beforenm
            --localize-symbol=crypto_box "${sotto_sodium_built}" "${sotto_sodium_archive}"
            COMMAND_ERROR_IS_FATAL ANY)
    endif()
    target_link_libraries(sotto_dep_sodium INTERFACE "${sotto_sodium_archive}" pthread)
    # libzmq has a libsodium of its own: without this, the program would export ours to it.
    target_link_options(sotto_dep_sodium INTERFACE -Wl,--exclude-libs,libsodium.a)
    target_compile_definitions(sotto_dep_sodium INTERFACE SODIUM_STATIC=1)
    add_library(sotto::sodium ALIAS sotto_dep_sodium)
    set(sotto_sodium_header "${sotto_deps}/libsodium/include/sodium/crypto_kem_xwing.h")
    set(sotto_sodium_origin "built from source")
else()
    sotto_dependency(sodium "libsodium>=1.0.18")
    pkg_get_variable(sotto_sodium_include libsodium includedir)
    set(sotto_sodium_header "${sotto_sodium_include}/sodium/crypto_kem_xwing.h")
    set(sotto_sodium_origin "the system's")
endif()
set(SOTTO_HAVE_XWING OFF)
if(EXISTS "${sotto_sodium_header}")
    file(STRINGS "${sotto_sodium_header}" sotto_xwing REGEX "crypto_kem_xwing_enc\\(")
    if(sotto_xwing)
        set(SOTTO_HAVE_XWING ON)
        target_compile_definitions(sotto_dep_sodium INTERFACE SOTTO_HAVE_XWING=1)
    endif()
endif()
message(STATUS "libsodium: ${sotto_sodium_origin}, X-Wing ${SOTTO_HAVE_XWING}")

# --- network -----------------------------------------------------------------------------------------
sotto_dependency(zmq "libzmq>=4.3.2")
find_path(CPPZMQ_HEADER_DIR zmq.hpp)
mark_as_advanced(CPPZMQ_HEADER_DIR)
if(NOT CPPZMQ_HEADER_DIR)
    message(FATAL_ERROR "Not found: zmq.hpp (cppzmq). Run ./dev setup.")
endif()
target_include_directories(sotto_dep_zmq SYSTEM INTERFACE "${CPPZMQ_HEADER_DIR}")
# Only the headers: msgpack's own CMake package would drag in Boost.
sotto_header_dependency(msgpack msgpack.hpp)
target_compile_definitions(sotto_dep_msgpack INTERFACE MSGPACK_NO_BOOST)

# --- storage -----------------------------------------------------------------------------------------
sotto_dependency(sqlite3 "sqlite3>=3.37") # STRICT tables
sotto_dependency(sqlcipher sqlcipher)
# The .pc carries SQLite's version, not SQLCipher's: 4.5.4 is on 3.41, the 3.4.1 of Debian 12 says "3.4".
if(sqlcipher_VERSION VERSION_LESS 3.40)
    message(FATAL_ERROR "SQLCipher is too old (on SQLite ${sqlcipher_VERSION}): 4.5.4 or newer is needed, for "
        "its file format and FTS5. Run ./dev setup, which installs one, or install libsqlcipher-dev >= 4.5.4 "
        "(Debian 12: from bookworm-backports).")
endif()
target_compile_definitions(sotto_dep_sqlcipher INTERFACE SQLITE_HAS_CODEC)
if(SOTTO_STATIC_SQLCIPHER)
    # Debian 12's own SQLCipher is too old, so a program that needs the shared library would not install there.
    find_library(SQLCIPHER_ARCHIVE libsqlcipher.a)
    find_library(CRYPTO_LIBRARY crypto)
    mark_as_advanced(SQLCIPHER_ARCHIVE CRYPTO_LIBRARY)
    if(SQLCIPHER_ARCHIVE AND CRYPTO_LIBRARY)
        set_target_properties(PkgConfig::sqlcipher PROPERTIES INTERFACE_LINK_LIBRARIES
            "${SQLCIPHER_ARCHIVE};${CRYPTO_LIBRARY};m;${CMAKE_DL_LIBS};pthread")
        # It defines SQLite's names, which no other library in the process may find by chance.
        target_link_options(sotto_dep_sqlcipher INTERFACE -Wl,--exclude-libs,libsqlcipher.a)
    else()
        message(STATUS "SQLCipher: the shared one, as libsqlcipher.a or libcrypto.so is missing")
    endif()
endif()

# --- small things --------------------------------------------------------------------------------------
sotto_header_dependency(cli11 CLI/CLI.hpp)
sotto_header_dependency(toml toml++/toml.h)
sotto_header_dependency(json nlohmann/json.hpp)
sotto_dependency(qrencode libqrencode)
sotto_dependency(systemd libsystemd)
sotto_dependency(log spdlog fmt)
sotto_dependency(utf8proc libutf8proc)
# Optional: without it sotto-rendezvous has no metrics, and says so when they are asked for.
pkg_check_modules(prometheus QUIET IMPORTED_TARGET GLOBAL prometheus-cpp-pull)
if(prometheus_FOUND)
    add_library(sotto_dep_prometheus INTERFACE)
    target_link_libraries(sotto_dep_prometheus INTERFACE PkgConfig::prometheus)
    target_compile_definitions(sotto_dep_prometheus INTERFACE SOTTO_HAVE_PROMETHEUS=1)
    add_library(sotto::prometheus ALIAS sotto_dep_prometheus)
else()
    message(STATUS "prometheus-cpp: not found, the rendezvous is built without metrics")
endif()

# --- desktop -------------------------------------------------------------------------------------------
if(SOTTO_UI)
    sotto_dependency(sdl2 "sdl2>=2.0.18")
    sotto_dependency(text freetype2 harfbuzz fribidi libutf8proc fontconfig)
    sotto_header_dependency(stb stb/stb_image_write.h)

    set(imgui "${sotto_deps}/imgui")
    if(NOT EXISTS "${imgui}/imgui.cpp")
        message(FATAL_ERROR "Dear ImGui's sources are not in build/deps/imgui. Run ./dev setup, which fetches "
            "them, or configure with -DSOTTO_UI=OFF (rendezvous and sotto-peer only).")
    endif()
    # Built here because distributions' libraries have 16-bit characters (no emoji) and no test hooks.
    add_library(sotto_dep_imgui STATIC EXCLUDE_FROM_ALL
        "${imgui}/imgui.cpp" "${imgui}/imgui_draw.cpp" "${imgui}/imgui_tables.cpp" "${imgui}/imgui_widgets.cpp"
        "${imgui}/misc/freetype/imgui_freetype.cpp" "${imgui}/backends/imgui_impl_sdl2.cpp")
    target_include_directories(sotto_dep_imgui SYSTEM PUBLIC
        "${imgui}" "${imgui}/backends" "${imgui}/misc/freetype")
    target_compile_definitions(sotto_dep_imgui PUBLIC IMGUI_USE_WCHAR32 IMGUI_ENABLE_FREETYPE
        IMGUI_ENABLE_TEST_ENGINE IMGUI_DISABLE_OBSOLETE_FUNCTIONS IMGUI_DISABLE_DEMO_WINDOWS)
    target_compile_options(sotto_dep_imgui PRIVATE -w)
    target_link_libraries(sotto_dep_imgui PUBLIC sotto::sdl2 PRIVATE sotto::text)
    add_library(sotto::imgui ALIAS sotto_dep_imgui)
endif()

# --- tests ---------------------------------------------------------------------------------------------
if(SOTTO_TESTS)
    find_package(GTest REQUIRED)
    add_library(sotto_dep_gtest INTERFACE)
    target_link_libraries(sotto_dep_gtest INTERFACE GTest::gmock GTest::gtest)
    add_library(sotto::gtest ALIAS sotto_dep_gtest)
    add_library(sotto_dep_gtest_main INTERFACE)
    target_link_libraries(sotto_dep_gtest_main INTERFACE GTest::gtest_main)
    add_library(sotto::gtest_main ALIAS sotto_dep_gtest_main)
    sotto_dependency(benchmark benchmark)
endif()
