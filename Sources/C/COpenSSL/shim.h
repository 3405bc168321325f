// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/pem.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>
#include <openssl/ec.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>

// A macro of several, which Swift does not see.
static const int tph_public_key = EVP_PKEY_PUBLIC_KEY;

// The builder keeps the names by their place, so that they must be C's own.
static inline int tph_push_rsa(OSSL_PARAM_BLD *builder, BIGNUM *n, BIGNUM *e) {
  return OSSL_PARAM_BLD_push_BN(builder, "n", n) && OSSL_PARAM_BLD_push_BN(builder, "e", e);
}

static inline int tph_push_curve(OSSL_PARAM_BLD *builder, const void *point, size_t count) {
  return OSSL_PARAM_BLD_push_utf8_string(builder, "group", "prime256v1", 0) &&
         OSSL_PARAM_BLD_push_octet_string(builder, "pub", point, count);
}
