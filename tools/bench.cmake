# taus-bench: figures, and the versions they belong to.
find_package(PkgConfig REQUIRED)
foreach(library rocksdb capnp libsodium)
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --modversion ${library} OUTPUT_VARIABLE version_of_${library} OUTPUT_STRIP_TRAILING_WHITESPACE)
endforeach()
if(TARGET taus_storage AND TARGET taus_journal AND TARGET tausd)
  add_executable(taus-bench taus_bench.cc taus_bench_report.cc taus_bench_centre.cc taus_bench_load.cc taus_bench_memory.cc taus_bench_parts.cc taus_bench_peers.cc taus_bench_reads.cc taus_bench_shred.cc taus_bench_tree.cc taus_bench_year.cc)
  target_compile_definitions(taus-bench PRIVATE TAUS_VERSION="${PROJECT_VERSION}" TAUS_ROCKSDB_VERSION="${version_of_rocksdb}"
    TAUS_CAPNP_VERSION="${version_of_capnp}" TAUS_SODIUM_VERSION="${version_of_libsodium}"
    TAUS_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE}")
  target_link_libraries(taus-bench PRIVATE taus_client taus_vault taus_storage taus_journal taus_crypto)
  add_dependencies(taus-bench tausd)
endif()
