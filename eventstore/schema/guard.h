// The one way to touch capnp bytes that were not made in this process: kj's exceptions become `malformed` here.
//
// What:    guarded(f) runs f, which returns a Result, and turns a kj::Exception (bad pointer, wrong type, limit) into an Error.
//          The text of the exception is dropped: it can quote content.
#pragma once

#include <exception>
#include <string>

#include <kj/exception.h>

#include "eventstore/base/result.h"

namespace taus::schema {

template <class F>
auto guarded(const char* what, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const kj::Exception&) {
    return Error(ErrorCode::malformed,
                 std::string(what) + " is not a well-formed Cap'n Proto message; send it again or restore it");
  } catch (const std::exception&) {
    return Error(ErrorCode::malformed, std::string(what) + " could not be read; send it again or restore it");
  }
}

}  // namespace taus::schema
