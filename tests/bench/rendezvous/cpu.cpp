#include "tests/bench/rendezvous/cpu.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sotto::bench::rendezvous {

CpuSeconds cpu_of_process(pid_t pid) {
    CpuSeconds sum;
    const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
    std::error_code ended;
    for (const auto& task : std::filesystem::directory_iterator(tasks, ended)) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        double nanoseconds = 0;
        std::ifstream(task.path() / "schedstat") >> nanoseconds;
        const double seconds = nanoseconds / 1e9;
        if (task.path().filename() == std::to_string(pid)) {
            sum.route += seconds;
        } else if (name == "store") {
            sum.store += seconds;
        } else if (name.starts_with("ZMQbg/IO")) {
            sum.network += seconds;
        } else {
            sum.other += seconds;
        }
    }
    return sum;
}

std::size_t resident_bytes_of(pid_t pid) {
    std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t kernel_bytes() {
    std::ifstream info("/proc/meminfo");
    std::string name;
    std::size_t kib = 0;
    std::string unit;
    while (info >> name >> kib && std::getline(info, unit)) {
        if (name == "SUnreclaim:") return kib * 1024;
    }
    return 0;
}

double own_cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace sotto::bench::rendezvous
