#include "tests/attack/weak_points.hpp"

#include <initializer_list>
#include <string_view>

namespace sotto::crypto::attack {

namespace {

std::vector<Bytes> all_from_hex(std::initializer_list<std::string_view> texts) {
    std::vector<Bytes> out;
    for (const std::string_view text : texts)
        out.push_back(from_hex(text).value());
    return out;
}

}  // namespace

std::vector<Bytes> low_order_points() {
    return all_from_hex({"0000000000000000000000000000000000000000000000000000000000000000",
                         "0100000000000000000000000000000000000000000000000000000000000000",
                         "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                         "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"});
}

std::vector<Bytes> non_canonical_points() {
    std::vector<Bytes> out =
        all_from_hex({// p, p + 1: zero and one again; p + 18, the largest value below the top bit
                      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                      // 2p - 1, 2p, 2p + 1
                      "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                      "daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                      "dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                      // the base point with the top bit, which X25519 ignores
                      "0900000000000000000000000000000000000000000000000000000000000080"});
    for (Bytes point : low_order_points()) {
        point[31] |= 0x80;
        out.push_back(std::move(point));
    }
    return out;
}

}  // namespace sotto::crypto::attack
