/**
 * @file cube/wsctx.h  The process's libwebsockets context; see ws.h
 */

struct gloop;
struct lws;
struct lws_context;
struct lws_vhost;

int  wsctx_ref(void);
void wsctx_unref(void);
void wsctx_enter(void);
void wsctx_leave(void);
void wsctx_kick(void);
struct gloop *wsctx_gloop(void);
struct lws_context *wsctx_lws(void);
int  wsctx_vhost(struct lws_vhost **vhp, const char *ca_file);

/* ws.c: lws calls back there */
int  ws_lws_handler(struct lws *wsi, int reason, void *in, size_t len);
