# The ways to make a target of ours. All include from the source root: #include "crypto/keys.hpp".

# What ./dev build and run, bench, and fuzz build: one kind without the others.
add_custom_target(programs)
add_custom_target(benchmarks)
add_custom_target(fuzzers)

set(SOTTO_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast)
if(SOTTO_WERROR)
    list(APPEND SOTTO_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    # GCC 12 and 13 report these falsely inside their own <string>, <variant> and <optional> when optimising;
    # the first for nearly every variant, in pages. clang and the sanitizers look for the real ones.
    list(APPEND SOTTO_WARNINGS -Wno-maybe-uninitialized)
    if(SOTTO_WERROR)
        list(APPEND SOTTO_WARNINGS -Wno-error=restrict -Wno-error=stringop-overflow
            -Wno-error=stringop-overread -Wno-error=array-bounds -Wno-error=dangling-pointer)
    endif()
endif()

function(sotto_setup target)
    target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${SOTTO_WARNINGS}>)
endfunction()

# sotto_library(NAME SOURCES file... [PUBLIC dep...] [PRIVATE dep...])
# A static library, used as sotto::NAME. Without SOURCES it is header-only and every dep is public.
function(sotto_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PUBLIC;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sotto_library(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()
    set(target sotto_${name})
    if(arg_SOURCES)
        add_library(${target} STATIC ${arg_SOURCES})
        sotto_setup(${target})
        target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    else()
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${arg_PUBLIC} ${arg_PRIVATE})
    endif()
    add_library(sotto::${name} ALIAS ${target})
endfunction()

# sotto_executable(NAME SOURCES file... [PRIVATE dep...]): a program, built to build/PRESET/NAME.
function(sotto_executable name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sotto_executable(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()
    add_executable(${name} ${arg_SOURCES})
    sotto_setup(${name})
    target_link_libraries(${name} PRIVATE ${arg_PRIVATE})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
    add_dependencies(programs ${name})
endfunction()

# sotto_test(NAME SOURCES file... [PRIVATE dep...] [TIMEOUT seconds] [NO_MAIN])
# A GoogleTest program; each of its cases is a test of its own, named NAME.Suite.case and labelled with
# its folder of tests/ (unit, property, ...). NO_MAIN: the sources bring a main() of their own.
function(sotto_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "NO_MAIN" "TIMEOUT" "SOURCES;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sotto_test(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()
    add_executable(${name} ${arg_SOURCES})
    sotto_setup(${name})
    target_link_libraries(${name} PRIVATE ${arg_PRIVATE} sotto::gtest)
    if(NOT arg_NO_MAIN)
        target_link_libraries(${name} PRIVATE sotto::gtest_main)
    endif()
    # For vectors, golden files and the scripts beside a test.
    target_compile_definitions(${name} PRIVATE SOTTO_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    file(RELATIVE_PATH label "${PROJECT_SOURCE_DIR}/tests" "${CMAKE_CURRENT_SOURCE_DIR}")
    string(REGEX REPLACE "/.*" "" label "${label}")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    include(GoogleTest)
    gtest_discover_tests(${name}
        TEST_PREFIX "${name}."
        DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}"
        PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT}) # one value each: lists do not survive discovery
endfunction()

# sotto_benchmark(NAME SOURCES file... [PRIVATE dep...]): what ./dev bench NAME runs; built by the target
# "benchmarks" only. It prints one JSON object a line, as docs/testing.md says, and takes --quick.
function(sotto_benchmark name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sotto_benchmark(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()
    set(target bench_${name})
    add_executable(${target} EXCLUDE_FROM_ALL ${arg_SOURCES})
    sotto_setup(${target})
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
    set_target_properties(${target} PROPERTIES
        OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
    add_dependencies(benchmarks ${target})
endfunction()

# sotto_fuzz(NAME SOURCES file... [PRIVATE dep...]): a file with LLVMFuzzerTestOneInput. In the preset "fuzz"
# it becomes fuzzers/NAME, which ./dev fuzz runs; in the others a test that replays tests/fuzz/corpus/NAME
# and the empty input, so that each finding, once kept there, stays mended.
function(sotto_fuzz name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;PRIVATE")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "sotto_fuzz(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
    endif()
    set(target fuzz_${name})
    add_executable(${target} ${arg_SOURCES})
    sotto_setup(${target})
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
    if(SOTTO_FUZZ)
        target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        set_target_properties(${target} PROPERTIES
            OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzzers")
        add_dependencies(fuzzers ${target})
    else()
        target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake/fuzz_replay.cpp")
        add_test(NAME fuzz.${name} COMMAND ${target} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
        set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
    endif()
endfunction()
