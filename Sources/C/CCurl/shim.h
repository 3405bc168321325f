// SPDX-License-Identifier: Apache-2.0
// libcurl's options are set by a function of variable arguments, which Swift cannot call.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

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

// Whether an address is of this machine (2), of a private network or link (1), or of everybody (0).
static inline int tph_curl_kind(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) {
    uint32_t ip = ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
    if (ip >> 24 == 127) return 2;
    return ip >> 24 == 0 || ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8 ||
           ip >> 16 == 0xa9fe || ip >> 22 == 0x191 || ip >> 28 >= 14;
  }
  if (address->sa_family != AF_INET6) return 1;
  const struct in6_addr *ip = &((const struct sockaddr_in6 *)address)->sin6_addr;
  if (IN6_IS_ADDR_LOOPBACK(ip)) return 2;
  if (IN6_IS_ADDR_V4MAPPED(ip) || IN6_IS_ADDR_V4COMPAT(ip)) {
    struct sockaddr_in inner = {.sin_family = AF_INET};
    memcpy(&inner.sin_addr, ip->s6_addr + 12, 4);
    return tph_curl_kind((const struct sockaddr *)&inner);
  }
  // Unique local, link local, multicast; and 64:ff9b::/96, which leads back to IPv4.
  return (ip->s6_addr[0] & 0xfe) == 0xfc || (ip->s6_addr[0] == 0xfe && ip->s6_addr[1] >= 0x80) ||
         ip->s6_addr[0] == 0xff || (ip->s6_addr[0] == 0 && ip->s6_addr[1] == 0x64);
}

static curl_socket_t tph_curl_open(void *loopback, curlsocktype purpose,
                                   struct curl_sockaddr *to) {
  (void)purpose;
  int kind = tph_curl_kind(&to->addr);
  if (kind == 1 || (kind == 2 && loopback == NULL)) return CURL_SOCKET_BAD;
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

// Connects to public addresses only, whatever a name stands for; `loopback`: to this machine too.
static inline CURLcode tph_curl_guard(CURL *curl, int loopback) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, tph_curl_open);
  if (code != CURLE_OK) return code;
  return curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, loopback ? (void *)1 : NULL);
}

static inline long tph_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

static inline CURLcode tph_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
