find_package(rapidcheck REQUIRED)
taus_test(base_test SOURCES base_bytes_test.cc base_html_text_test.cc base_search_key_test.cc LIBS taus_base rapidcheck)
