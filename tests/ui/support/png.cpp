// Pictures to files, with the one header that may be included only here.

#include "support/driver.hpp"

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

namespace sotto::ui::testing {

bool write_png(const Window::Picture& picture, const std::filesystem::path& file) {
    std::vector<unsigned char> rgb;
    rgb.reserve(picture.pixels.size() * 3);
    for (const std::uint32_t pixel : picture.pixels) {
        rgb.push_back(static_cast<unsigned char>((pixel >> 16U) & 0xFFU));
        rgb.push_back(static_cast<unsigned char>((pixel >> 8U) & 0xFFU));
        rgb.push_back(static_cast<unsigned char>(pixel & 0xFFU));
    }
    return stbi_write_png(file.c_str(), picture.width, picture.height, 3, rgb.data(),
                          picture.width * 3) != 0;
}

}  // namespace sotto::ui::testing
