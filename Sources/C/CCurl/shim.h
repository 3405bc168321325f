// SPDX-License-Identifier: Apache-2.0
// libcurl's options are set by a function of variable arguments, which Swift cannot call.
#include <curl/curl.h>

static inline CURLcode tph_curl_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode tph_curl_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}

static inline CURLcode tph_curl_headers(CURL *curl, struct curl_slist *list) {
  return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
}

static inline CURLcode tph_curl_body(CURL *curl, const void *bytes, long count) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, count);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, bytes);
}

typedef size_t (*tph_curl_taker)(char *bytes, size_t size, size_t count, void *place);

static inline CURLcode tph_curl_take(CURL *curl, tph_curl_taker taker, void *place) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, taker);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, place);
}

static inline long tph_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

static inline CURLcode tph_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
