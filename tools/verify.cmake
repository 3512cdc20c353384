find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
add_executable(taus-verify ${CMAKE_CURRENT_LIST_DIR}/taus_verify.cc)
target_link_libraries(taus-verify PRIVATE taus_restore_mark taus_journal CLI11::CLI11 nlohmann_json::nlohmann_json)
