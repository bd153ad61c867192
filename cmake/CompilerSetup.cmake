# What holds for every translation unit, third-party ones included.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)

# The linker gets -pie only when asked for; POSITION_INDEPENDENT_CODE alone means the compiler.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)

find_program(SOTTO_CCACHE ccache)
mark_as_advanced(SOTTO_CCACHE)
if(SOTTO_CCACHE)
    foreach(language C CXX)
        if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
            set(CMAKE_${language}_COMPILER_LAUNCHER "${SOTTO_CCACHE}")
        endif()
    endforeach()
endif()

# Linking with debug information needs about 1 GB each, so memory caps it, not the number of cores.
# (The compile jobs are capped by ./dev through -j.)
set(sotto_memory_mb 4096)
if(EXISTS /proc/meminfo) # not in every chroot
    cmake_host_system_information(RESULT sotto_memory_mb QUERY TOTAL_PHYSICAL_MEMORY)
endif()
math(EXPR sotto_link_jobs "${sotto_memory_mb} / 2048")
if(sotto_link_jobs LESS 1)
    set(sotto_link_jobs 1)
elseif(sotto_link_jobs GREATER 4)
    set(sotto_link_jobs 4)
endif()
set_property(GLOBAL APPEND PROPERTY JOB_POOLS link=${sotto_link_jobs})
set(CMAKE_JOB_POOL_LINK link)

if(SOTTO_HARDENING)
    # Undefined first: some distributions' compilers predefine a lower level and would warn.
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong)
    add_compile_definitions($<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
    add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        add_compile_options(-fcf-protection)
    endif()
endif()

# The same sources give the same bytes wherever the checkout lies.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
