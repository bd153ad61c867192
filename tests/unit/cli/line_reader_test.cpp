#include "peer/cli/line_reader.hpp"

#include "peer/cli/output_buffer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fcntl.h>
#include <array>
#include <string>
#include <string_view>

namespace sotto::peer::cli {
namespace {

class Pipe {
public:
    Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_NONBLOCK | O_CLOEXEC), 0); }
    ~Pipe() {
        close_writer();
        ::close(ends_[0]);
    }
    int reader() const { return ends_[0]; }
    int writer() const { return ends_[1]; }
    void write(std::string_view text) {
        EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void close_writer() {
        if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

std::string text_of(const std::optional<Line>& line) {
    if (!line) return "(none)";
    if (line->too_long) return "(too long)";
    return {line->text.begin(), line->text.end()};
}

TEST(LineReader, gives_whole_lines_only) {
    Pipe pipe;
    LineReader reader(pipe.reader());
    pipe.write("one\ntw");
    reader.fill();
    EXPECT_EQ(text_of(reader.next()), "one");
    EXPECT_EQ(text_of(reader.next()), "(none)");
    pipe.write("o\n\nthree");
    reader.fill();
    EXPECT_EQ(text_of(reader.next()), "two");
    EXPECT_EQ(text_of(reader.next()), "");
    EXPECT_EQ(text_of(reader.next()), "(none)");
    EXPECT_FALSE(reader.is_over());
    pipe.close_writer();
    reader.fill();
    EXPECT_EQ(text_of(reader.next()), "three");  // the last line counts without its newline
    EXPECT_EQ(text_of(reader.next()), "(none)");
    EXPECT_TRUE(reader.is_over());
}

TEST(LineReader, nothing_to_read_is_not_the_end) {
    Pipe pipe;
    LineReader reader(pipe.reader());
    reader.fill();
    EXPECT_EQ(text_of(reader.next()), "(none)");
    EXPECT_FALSE(reader.is_over());
}

// Feeds `total` bytes without a newline, then the end of the line and another line.
std::vector<std::string> lines_around(std::size_t total) {
    Pipe pipe;
    LineReader reader(pipe.reader());
    std::vector<std::string> out;
    const auto take = [&] {
        reader.fill();
        while (const auto line = reader.next())
            out.push_back(text_of(line));
    };
    const std::string chunk(4096, 'x');
    while (total > 0) {
        const std::size_t size = std::min(total, chunk.size());
        pipe.write(std::string_view(chunk).substr(0, size));
        total -= size;
        take();
    }
    pipe.write("\nnext\n");
    take();
    return out;
}

TEST(LineReader, the_limit_and_one_beyond) {
    const auto fits = lines_around(line_bytes_max);
    ASSERT_EQ(fits.size(), 2U);
    EXPECT_EQ(fits[0].size(), line_bytes_max);
    EXPECT_EQ(fits[1], "next");
    for (const std::size_t size : {line_bytes_max + 1, line_bytes_max + 4096, 5 * line_bytes_max}) {
        EXPECT_EQ(lines_around(size), (std::vector<std::string>{"(too long)", "next"})) << size;
    }
}

TEST(LineReader, zero_bytes_are_bytes) {
    Pipe pipe;
    LineReader reader(pipe.reader());
    pipe.write(std::string_view("a\0b\n", 4));
    reader.fill();
    EXPECT_EQ(text_of(reader.next()), std::string("a\0b", 3));
}

TEST(OutputBuffer, a_slow_reader_loses_nothing_and_blocks_nobody) {
    Pipe pipe;
    OutputBuffer output(pipe.writer());
    std::string expected;
    for (int i = 0; i < 50'000; ++i) {  // far more than a pipe holds
        output.add_line(std::to_string(i));
        expected += std::to_string(i) + "\n";
    }
    output.flush();
    EXPECT_FALSE(output.empty());
    std::string got;
    std::array<char, 65536> chunk{};
    while (got.size() < expected.size()) {
        const auto size = ::read(pipe.reader(), chunk.data(), chunk.size());
        ASSERT_GT(size, 0);
        got.append(chunk.data(), static_cast<std::size_t>(size));
        output.flush();
    }
    EXPECT_EQ(got, expected);
    EXPECT_TRUE(output.empty());
}

TEST(OutputBuffer, says_when_it_is_full_or_nobody_reads) {
    Pipe pipe;
    OutputBuffer output(pipe.writer());
    output.add(std::string(output_bytes_max, 'x'));
    EXPECT_FALSE(output.is_full());
    output.add("x");
    EXPECT_TRUE(output.is_full());

    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::signal(SIGPIPE, SIG_IGN);
    ::close(ends[0]);
    OutputBuffer broken(ends[1]);
    broken.add_line("anybody?");
    broken.finish(1000);
    EXPECT_TRUE(broken.is_broken());
    ::close(ends[1]);
}

}  // namespace
}  // namespace sotto::peer::cli
