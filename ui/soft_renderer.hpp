// Draws ImGui's triangles with the CPU, only where the picture changed
// (docs/decisions/0030-cpu-rasteriser.md).
//
// The screen is cut into tiles; each tile has a hash over everything that touches it, in order.
// Tiles whose hash is as in the last frame keep their pixels, so a still picture costs the hashing
// only (about 0.1 ms) and answers "nothing changed". A partial redraw gives the same pixels as a
// full one, bit for bit. Canvas: 32 bits per pixel, 0xXXRRGGBB, and its content must be kept
// between frames (else call forget()).
#pragma once

#include "ui/raster.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

struct ImDrawData;
struct ImDrawList;
struct ImDrawCmd;
struct ImDrawVert;
struct ImTextureData;

namespace sotto::ui {

struct RenderStats {
    std::uint32_t primitives = 0;
    std::uint32_t tiles_changed = 0;
    std::uint64_t pixels_redrawn = 0;
};

class SoftRenderer {
public:
    // Answers ImGui's texture requests, then redraws what changed. The rectangles that must be
    // presented are valid until the next call; none means that the frame equals the last one.
    std::span<const PixelRect> render(ImDrawData& data, const Canvas& canvas,
                                      std::uint32_t background);

    // The canvas lost its content (resized, exposed after being dropped): draw everything next
    // time.
    void forget() { hashes_.clear(); }
    [[nodiscard]] const RenderStats& stats() const { return stats_; }

    // Before the ImGui context goes: tells ImGui that no texture is in use any more.
    static void release_textures();

private:
    // Triangles that share vertices: a glyph, a line, a rounded rectangle.
    struct Primitive {
        const ImDrawList* list;
        const ImDrawCmd* command;
        std::uint32_t first_index;
        std::uint32_t index_count;
        std::uint64_t hash;
        PixelRect bounds;  // within its clip rectangle and the canvas
        bool opaque;       // covers all of `bounds`: nothing below is seen
        bool stale;        // shows texels that were rewritten in this frame
    };
    struct Scene;
    void update_textures(ImDrawData& data);
    void collect(const Scene& scene);
    void collect_command(const Scene& scene, const ImDrawList& list, const ImDrawCmd& command);
    void add_primitive(const Scene& scene, Primitive primitive, std::uint32_t lowest,
                       std::uint32_t highest);
    void hash_tiles(const Scene& scene);
    void find_changes(const Scene& scene);
    [[nodiscard]] std::size_t tile_index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(tiles_x_) +
               static_cast<std::size_t>(x);
    }
    void add_change(const PixelRect& run);
    [[nodiscard]] bool shows_update(const ImTextureData& texture,
                                    std::span<const ImDrawVert> shape) const;
    [[nodiscard]] static bool is_opaque(const Primitive& primitive, const ImDrawVert* vertices,
                                        const std::uint16_t* index);
    [[nodiscard]] static Painter painter_for(const Scene& scene, const ImDrawCmd& command,
                                             const PixelRect& clip);
    void redraw(const Scene& scene, const PixelRect& area);
    static void draw(const Scene& scene, const Primitive& primitive, const PixelRect& area);

    struct Update {
        const ImTextureData* texture;
        PixelRect texels;
    };
    std::vector<Primitive> primitives_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::uint64_t> next_hashes_;
    std::vector<std::uint8_t> stale_;
    std::vector<PixelRect> changed_;
    std::vector<Update> updates_;
    int tiles_x_ = 0;
    int tiles_y_ = 0;
    Canvas last_{};
    RenderStats stats_;
};

}  // namespace sotto::ui
