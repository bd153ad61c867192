#include "ui/soft_renderer.hpp"

#include <imgui.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace sotto::ui {

namespace {

constexpr int tile = 64;
// Rows are drawn in bands that stay in the processor's cache while shape upon shape goes over them.
constexpr int band_rows = 64;
// Above this many rewritten places their bounding box is compared instead of each.
constexpr int updates_max = 32;
constexpr std::uint64_t seed = 0x9E3779B97F4A7C15U;

[[nodiscard]] std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0xD6E8FEB86659FD93U;
    return hash ^ (hash >> 32U);
}

[[nodiscard]] std::uint64_t hash_bytes(std::uint64_t hash, const void* data, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (; size >= 8; size -= 8, bytes += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, 8);
        hash = mix(hash, word);
    }
    if (size > 0) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, size);
        hash = mix(hash, word);
    }
    return hash;
}

[[nodiscard]] const ImTextureData* texture_of(const ImDrawCmd& command) {
    return command.TexRef._TexData;
}

[[nodiscard]] Texture view_of(const ImTextureData& data) {
    return {data.Pixels, data.Width, data.Height, data.BytesPerPixel};
}

[[nodiscard]] PixelRect rect_of(const ImTextureRect& r) {
    return {r.x, r.y, r.x + r.w, r.y + r.h};
}

struct Bounds {
    ImVec2 min{1e9F, 1e9F};
    ImVec2 max{-1e9F, -1e9F};
    void add(ImVec2 p) {
        min = {std::min(min.x, p.x), std::min(min.y, p.y)};
        max = {std::max(max.x, p.x), std::max(max.y, p.y)};
    }
    // Pixels touched, for points in pixels; saturates far outside of any screen.
    [[nodiscard]] PixelRect pixels() const {
        const auto whole = [](float v) { return static_cast<int>(std::clamp(v, -1e6F, 1e6F)); };
        return {whole(std::floor(min.x)), whole(std::floor(min.y)), whole(std::ceil(max.x)),
                whole(std::ceil(max.y))};
    }
};

}  // namespace

struct SoftRenderer::Scene {
    const ImDrawData& data;
    const Canvas& canvas;
    std::uint32_t background;

    [[nodiscard]] PixelRect area() const { return {0, 0, canvas.width, canvas.height}; }
    [[nodiscard]] PixelRect clip_of(const ImDrawCmd& command) const {
        const ImVec4& c = command.ClipRect;
        const auto whole = [](float v) { return static_cast<int>(std::clamp(v, -1e6F, 1e6F)); };
        return intersect(area(), {whole(c.x - data.DisplayPos.x), whole(c.y - data.DisplayPos.y),
                                  whole(c.z - data.DisplayPos.x), whole(c.w - data.DisplayPos.y)});
    }
    [[nodiscard]] PixelRect tile_rect(int x, int y) const {
        return intersect(area(), {x * tile, y * tile, (x + 1) * tile, (y + 1) * tile});
    }
};

namespace {

[[nodiscard]] std::uint64_t hash_of(const ImTextureData& texture, const PixelRect& clip,
                                    std::span<const ImDrawVert> vertices,
                                    std::span<const ImDrawIdx> index, std::uint32_t lowest) {
    std::uint64_t hash = mix(seed, static_cast<std::uint64_t>(texture.UniqueID));
    hash = hash_bytes(hash, &clip, sizeof clip);
    hash = hash_bytes(hash, vertices.data(), vertices.size_bytes());
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
        word = (word << 16U) ^ (index[i] - lowest);
        if (i % 4 == 3) {
            hash = mix(hash, word);
        }
    }
    return mix(hash, word);
}

[[nodiscard]] bool looks_like_quad(std::span<const ImDrawIdx> index) {
    return index.size() == 6 && index[3] == index[0] && index[4] == index[2];
}

}  // namespace

std::span<const PixelRect> SoftRenderer::render(ImDrawData& data, const Canvas& canvas,
                                                std::uint32_t background) {
    stats_ = {};
    changed_.clear();
    if (canvas.pixels == nullptr || canvas.width <= 0 || canvas.height <= 0) {
        return {};
    }
    if (canvas != last_) {
        forget();
        last_ = canvas;
    }
    tiles_x_ = (canvas.width + tile - 1) / tile;
    tiles_y_ = (canvas.height + tile - 1) / tile;
    const Scene scene{data, canvas, background};
    update_textures(data);
    collect(scene);
    hash_tiles(scene);
    find_changes(scene);
    hashes_.swap(next_hashes_);
    for (const PixelRect& rect : changed_) {
        for (int y = rect.y0; y < rect.y1; y += band_rows) {
            redraw(scene, {rect.x0, y, rect.x1, std::min(y + band_rows, rect.y1)});
        }
        stats_.pixels_redrawn +=
            static_cast<std::uint64_t>(rect.width()) * static_cast<std::uint64_t>(rect.height());
    }
    return changed_;
}

// The pixels stay where ImGui keeps them: there is nothing to upload, only to acknowledge.
void SoftRenderer::update_textures(ImDrawData& data) {
    updates_.clear();
    if (data.Textures == nullptr) {
        return;
    }
    for (ImTextureData* texture : *data.Textures) {
        if (texture->Status == ImTextureStatus_WantCreate) {
            texture->SetTexID(std::bit_cast<std::uintptr_t>(texture));
            texture->SetStatus(ImTextureStatus_OK);
        } else if (texture->Status == ImTextureStatus_WantUpdates) {
            if (texture->Updates.Size > updates_max) {
                updates_.push_back({texture, rect_of(texture->UpdateRect)});
            } else {
                for (const ImTextureRect& r : texture->Updates) {
                    updates_.push_back({texture, rect_of(r)});
                }
            }
            texture->SetStatus(ImTextureStatus_OK);
        } else if (texture->Status == ImTextureStatus_WantDestroy && texture->UnusedFrames > 0) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }
}

void SoftRenderer::release_textures() {
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        if (texture->RefCount == 1) {
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }
}

void SoftRenderer::collect(const Scene& scene) {
    primitives_.clear();
    for (const ImDrawList* list : scene.data.CmdLists) {
        for (const ImDrawCmd& command : list->CmdBuffer) {
            const ImTextureData* texture = texture_of(command);
            // No view uses callbacks, nor textures that Dear ImGui does not know.
            if (command.UserCallback == nullptr && texture != nullptr &&
                texture->Pixels != nullptr) {
                collect_command(scene, *list, command);
            }
        }
    }
    stats_.primitives = static_cast<std::uint32_t>(primitives_.size());
}

void SoftRenderer::collect_command(const Scene& scene, const ImDrawList& list,
                                   const ImDrawCmd& command) {
    const PixelRect clip = scene.clip_of(command);
    if (clip.empty()) {
        return;
    }
    const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
    for (std::uint32_t i = 0; i + 2 < command.ElemCount;) {
        std::uint32_t lowest = std::min({index[i], index[i + 1], index[i + 2]});
        std::uint32_t highest = std::max({index[i], index[i + 1], index[i + 2]});
        std::uint32_t end = i + 3;
        // A triangle of vertices that come after all of these begins the next shape.
        for (; end + 2 < command.ElemCount; end += 3) {
            const std::uint32_t low = std::min({index[end], index[end + 1], index[end + 2]});
            if (low > highest) {
                break;
            }
            lowest = std::min(lowest, low);
            highest = std::max<std::uint32_t>(
                highest, std::max({index[end], index[end + 1], index[end + 2]}));
        }
        add_primitive(scene, {&list, &command, i, end - i, seed, clip, false, false}, lowest,
                      highest);
        i = end;
    }
}

void SoftRenderer::add_primitive(const Scene& scene, Primitive primitive, std::uint32_t lowest,
                                 std::uint32_t highest) {
    const ImDrawCmd& command = *primitive.command;
    const ImDrawVert* vertices = primitive.list->VtxBuffer.Data + command.VtxOffset;
    const ImDrawIdx* index =
        primitive.list->IdxBuffer.Data + command.IdxOffset + primitive.first_index;
    const ImTextureData& texture = *texture_of(command);
    const PixelRect clip = primitive.bounds;
    Bounds place;
    for (std::uint32_t v = lowest; v <= highest; ++v) {
        const ImVec2 at = vertices[v].pos;
        place.add({at.x - scene.data.DisplayPos.x, at.y - scene.data.DisplayPos.y});
    }
    primitive.bounds = intersect(place.pixels(), clip);
    if (primitive.bounds.empty()) {
        return;
    }
    const std::span shape(vertices + lowest, highest - lowest + 1);
    primitive.hash = hash_of(texture, clip, shape, {index, primitive.index_count}, lowest);
    primitive.stale = !updates_.empty() && shows_update(texture, shape);
    primitive.opaque = is_opaque(primitive, vertices, index);
    if (primitive.opaque) {
        const Painter painter = painter_for(scene, command, clip);
        primitive.bounds =
            intersect(quad_pixels(painter, vertices[index[0]], vertices[index[2]]), clip);
    }
    if (!primitive.bounds.empty()) {
        primitives_.push_back(primitive);
    }
}

bool SoftRenderer::shows_update(const ImTextureData& texture,
                                std::span<const ImDrawVert> shape) const {
    Bounds bounds;
    for (const ImDrawVert& vertex : shape) {
        bounds.add({vertex.uv.x * static_cast<float>(texture.Width),
                    vertex.uv.y * static_cast<float>(texture.Height)});
    }
    PixelRect texels = bounds.pixels();
    texels.x1 += 1;  // the white pixel has no extent
    texels.y1 += 1;
    return std::ranges::any_of(updates_, [&](const Update& update) {
        return update.texture == &texture && !intersect(texels, update.texels).empty();
    });
}

void SoftRenderer::hash_tiles(const Scene& scene) {
    const auto count = static_cast<std::size_t>(tiles_x_) * static_cast<std::size_t>(tiles_y_);
    const std::uint64_t empty = mix(seed, scene.background);
    next_hashes_.assign(count, empty);
    stale_.assign(count, 0);
    for (const Primitive& p : primitives_) {
        for (int y = p.bounds.y0 / tile; y <= (p.bounds.y1 - 1) / tile; ++y) {
            for (int x = p.bounds.x0 / tile; x <= (p.bounds.x1 - 1) / tile; ++x) {
                const std::size_t at = tile_index(x, y);
                if (p.opaque) {
                    const PixelRect rect = scene.tile_rect(x, y);
                    if (intersect(rect, p.bounds) == rect) {
                        next_hashes_[at] = empty;  // what is below cannot be seen
                        stale_[at] = 0;
                    }
                }
                next_hashes_[at] = mix(next_hashes_[at], p.hash);
                stale_[at] = static_cast<std::uint8_t>(stale_[at] | (p.stale ? 1 : 0));
            }
        }
    }
}

void SoftRenderer::find_changes(const Scene& scene) {
    const bool all = hashes_.size() != next_hashes_.size();
    for (int y = 0; y < tiles_y_; ++y) {
        const auto differs = [&](int x) {
            const std::size_t at = tile_index(x, y);
            return all || stale_[at] != 0 || hashes_[at] != next_hashes_[at];
        };
        for (int x = 0; x < tiles_x_; ++x) {
            PixelRect run;
            for (; x < tiles_x_ && differs(x); ++x) {
                run = unite(run, scene.tile_rect(x, y));
                ++stats_.tiles_changed;
            }
            if (!run.empty()) {
                add_change(run);
            }
        }
    }
}

// A run of tiles right below a rectangle of the same width makes that one taller.
void SoftRenderer::add_change(const PixelRect& run) {
    const auto above = std::ranges::find_if(changed_, [&run](const PixelRect& r) {
        return r.y1 == run.y0 && r.x0 == run.x0 && r.x1 == run.x1;
    });
    if (above != changed_.end()) {
        above->y1 = run.y1;
    } else {
        changed_.push_back(run);
    }
}

void SoftRenderer::redraw(const Scene& scene, const PixelRect& area) {
    // Begin with the last shape that hides everything below it.
    auto first = primitives_.end();
    while (first != primitives_.begin()) {
        --first;
        if (first->opaque && intersect(first->bounds, area) == area) {
            break;
        }
    }
    const bool hidden =
        first != primitives_.end() && first->opaque && intersect(first->bounds, area) == area;
    if (!hidden) {
        fill_rect(scene.canvas, area, scene.background);
    }
    for (auto it = first; it != primitives_.end(); ++it) {
        const PixelRect visible = intersect(it->bounds, area);
        if (!visible.empty()) {
            draw(scene, *it, visible);
        }
    }
}

void SoftRenderer::draw(const Scene& scene, const Primitive& primitive, const PixelRect& area) {
    const ImDrawCmd& command = *primitive.command;
    const ImDrawVert* vertices = primitive.list->VtxBuffer.Data + command.VtxOffset;
    const ImDrawIdx* index =
        primitive.list->IdxBuffer.Data + command.IdxOffset + primitive.first_index;
    const Painter painter = painter_for(scene, command, area);
    if (looks_like_quad({index, primitive.index_count}) &&
        draw_quad(painter, vertices[index[0]], vertices[index[1]], vertices[index[2]],
                  vertices[index[5]])) {
        return;
    }
    std::uint32_t i = draw_fan(painter, vertices, {index, primitive.index_count});
    for (; i < primitive.index_count; i += 3) {
        draw_triangle(painter, vertices[index[i]], vertices[index[i + 1]], vertices[index[i + 2]]);
    }
}

Painter SoftRenderer::painter_for(const Scene& scene, const ImDrawCmd& command,
                                  const PixelRect& clip) {
    return {scene.canvas, clip, view_of(*texture_of(command)), scene.data.DisplayPos.x,
            scene.data.DisplayPos.y};
}

bool SoftRenderer::is_opaque(const Primitive& primitive, const ImDrawVert* vertices,
                             const ImDrawIdx* index) {
    if (!looks_like_quad({index, primitive.index_count})) {
        return false;
    }
    const ImDrawVert& a = vertices[index[0]];
    const ImDrawVert& c = vertices[index[2]];
    return (a.col >> 24U) == 255U && a.uv.x == c.uv.x && a.uv.y == c.uv.y &&
           is_upright_quad(a, vertices[index[1]], c, vertices[index[5]]) &&
           (flat_colour(view_of(*texture_of(*primitive.command)), a) >> 24U) == 255U;
}

}  // namespace sotto::ui
