# A second implementation, in Python from docs/FORMAT.md, reads what the first wrote.
find_package(RocksDB REQUIRED)
find_package(nlohmann_json REQUIRED)
add_executable(taus-dump taus_dump.cc)
target_link_libraries(taus-dump PRIVATE taus_options RocksDB::rocksdb-shared)
add_executable(format_write_store format_write_store.cc)
target_link_libraries(format_write_store PRIVATE taus_journal nlohmann_json::nlohmann_json)
add_test(NAME e2e_format COMMAND ${TAUS_PYTHON} -B ${CMAKE_CURRENT_LIST_DIR}/format_test.py $<TARGET_FILE:format_write_store>
  $<TARGET_FILE:taus-dump> ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/taus-verify)
set_tests_properties(e2e_format PROPERTIES TIMEOUT 300)
