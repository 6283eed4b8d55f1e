/**
 * @file sip/pure/ruri.h  Whom a Request-URI is for
 */

bool ruri_is_for(const struct uri *uri, const struct pl *user);
