// What a command prints, for tests that compare programs with the files about them.
//
// The command is a fixed text of the test, never input. Reads until the command ends; stderr is
// left alone.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <string>

namespace sotto::tidy {

struct PipeClose {
    void operator()(FILE* pipe) const { pclose(pipe); }
};

// Empty when it could not be started or printed nothing.
[[nodiscard]] inline std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, PipeClose> pipe(popen(command.c_str(), "r"));
    std::string text;
    std::array<char, 4096> piece{};
    std::size_t size = 0;
    while (pipe && (size = fread(piece.data(), 1, piece.size(), pipe.get())) > 0) {
        text.append(piece.data(), size);
    }
    return text;
}

}  // namespace sotto::tidy
