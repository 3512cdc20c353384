// capnpc-taus: a capnp compiler plugin. Reads a CodeGeneratorRequest on stdin and writes tables.gen.h into the folder it is
// started in (`capnp compile -o<this>:DIR`); a schema that breaks the rules of privacy.capnp fails the build.
#include <fstream>
#include <iostream>

#include <capnp/serialize.h>

#include "eventstore/schema/plugin/emit.h"

namespace {

int run() {
  capnp::ReaderOptions options;
  options.traversalLimitInWords = 1ULL << 30;  // our own compiler's output
  capnp::StreamFdMessageReader message(0, options);
  const auto model = taus::plugin::load_model(message.getRoot<capnp::schema::CodeGeneratorRequest>());
  if (!model) {
    std::cerr << "capnpc-taus: " << model.error().message << "\n";
    return 1;
  }
  std::ofstream file("tables.gen.h", std::ios::binary | std::ios::trunc);
  file << taus::plugin::emit(*model);
  file.close();
  if (!file) {
    std::cerr << "capnpc-taus: cannot write tables.gen.h here\n";
    return 1;
  }
  return 0;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const kj::Exception& e) {
    std::cerr << "capnpc-taus: not a request of the capnp compiler: " << e.getDescription().cStr() << "\n";
  } catch (const std::exception& e) {
    std::cerr << "capnpc-taus: " << e.what() << "\n";
  }
  return 1;
}
