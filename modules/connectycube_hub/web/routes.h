/**
 * @file connectycube_hub/web/routes.h  Tables of routes, for routes.c
 */

/* basic.c */
extern const struct web_route web_basic_routev[];

/* login.c */
extern const struct web_route web_login_routev[];

/* sse.c */
extern const struct web_route web_events_routev[];

/* page.c */
extern const struct web_route web_page_routev[];

/* openapi.c */
extern const struct web_route web_openapi_routev[];
