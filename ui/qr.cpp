#include "ui/qr.hpp"

#include <qrencode.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace sotto::ui {
namespace {

constexpr std::size_t text_bytes_max = 300;
constexpr std::size_t quiet_zone = 4;  // modules on each side, as the standard wants
constexpr ImU32 card_colour = IM_COL32(255, 255, 255, 255);
constexpr ImU32 module_colour = IM_COL32(16, 20, 28, 255);

struct Free {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

}  // namespace

std::optional<QrCode> make_qr(std::string_view text) {
    if (text.empty() || text.size() > text_bytes_max) {
        return std::nullopt;
    }
    const std::unique_ptr<QRcode, Free> made(
        QRcode_encodeData(static_cast<int>(text.size()),
                          reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
    if (made == nullptr) {
        return std::nullopt;
    }
    QrCode code;
    code.side = static_cast<std::size_t>(made->width);
    code.modules.reserve(code.side * code.side);
    for (std::size_t i = 0; i < code.side * code.side; ++i) {
        code.modules.push_back((made->data[i] & 1U) != 0);  // bit 0: the module is dark
    }
    return code;
}

float qr_side(const QrCode& code, float room) {
    const auto modules = static_cast<float>(code.side + 2 * quiet_zone);
    return std::max(1.0F, std::floor(room / modules)) * modules;
}

void draw_qr(const Kit& kit, ImDrawList& list, ImVec2 at, const QrCode& code, float side) {
    const ImVec2 from{std::round(at.x), std::round(at.y)};
    list.AddRectFilled(from, {from.x + side, from.y + side}, card_colour, kit.px(10.0F));
    const float module = side / static_cast<float>(code.side + 2 * quiet_zone);
    for (std::size_t y = 0; y < code.side; ++y) {
        for (std::size_t x = 0; x < code.side;) {
            std::size_t end = x;  // neighbours in one rectangle: no seams, fewer vertices
            while (end < code.side && code.dark(end, y)) {
                ++end;
            }
            if (end > x) {
                const float left = from.x + static_cast<float>(x + quiet_zone) * module;
                const float right = from.x + static_cast<float>(end + quiet_zone) * module;
                const float top = from.y + static_cast<float>(y + quiet_zone) * module;
                list.AddRectFilled({left, top}, {right, top + module}, module_colour);
            }
            x = end + 1;
        }
    }
}

}  // namespace sotto::ui
