// SPDX-License-Identifier: Apache-2.0
#include <microhttpd.h>

/// `MHD_get_connection_info` has an ellipsis that Swift cannot call.
static inline const union MHD_ConnectionInfo *
tph_connection_info(struct MHD_Connection *connection, enum MHD_ConnectionInfoType kind) {
  return MHD_get_connection_info(connection, kind);
}
