// Golden vectors of tests/vectors, as the tests read them.
#pragma once

#include <fstream>

#include <nlohmann/json.hpp>

#include "eventstore/base/bytes.h"
#include "eventstore/base/check.h"
#include "eventstore/crypto/sign.h"

namespace taus::test {

inline nlohmann::json vectors(const std::string& name) {
  std::ifstream file(std::string(TAUS_VECTORS) + "/" + name + ".json");
  TAUS_CHECK(file.good());
  return nlohmann::json::parse(file);
}

inline Bytes bytes_of(const nlohmann::json& object, const char* field) {
  auto bytes = from_hex(object.at(field).get<std::string>());
  TAUS_CHECK(bytes);
  return *bytes;
}

template <std::size_t N>
ByteArray<N> array_of(const nlohmann::json& object, const char* field) {
  const Bytes bytes = bytes_of(object, field);
  TAUS_CHECK(bytes.size() == N);
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace taus::test
