// Feeds a fuzz target the files of a folder, in the order of their names: the compilers without
// libFuzzer replay the corpus as a plain test. A folder that does not exist holds nothing, so only
// the empty input runs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    if (argc > 1 && fs::is_directory(argv[1])) {
        for (const auto& entry : fs::directory_iterator(argv[1]))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    const std::uint8_t nothing = 0;
    LLVMFuzzerTestOneInput(&nothing, 0);
    for (const auto& file : files) {
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);  // so that the last name printed is the one that crashed
        std::ifstream in(file, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
    return 0;
}
