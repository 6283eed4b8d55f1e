/**
 * @file base/gloop.h  A GLib main context driven by libre's loop
 *
 * libnice and libwebsockets' GLib plug-in want a GMainContext; the bridge
 * has one thread and one loop, libre's. A gloop owns a private GMainContext,
 * keeps its poll fds and its time-out, a timer fd, in one epoll fd that libre
 * listens to, so that sources dispatch on the main loop and no thread, lock or
 * periodic wake-up is needed.
 */

struct gloop;
struct _GMainContext;
struct _GMainLoop;

int  gloop_alloc(struct gloop **glp);
int  gloop_share(struct gloop **glp);
struct _GMainContext *gloop_context(const struct gloop *gl);
struct _GMainLoop *gloop_mainloop(const struct gloop *gl);
void gloop_kick(struct gloop *gl);
