/**
 * @file connectycube_hub/api/api.h  What the hub answers about calls: tables of
 *                                   routes, for web/routes.c
 *
 * web/route.h goes first.
 */

/* liveapi.c */
extern const struct web_route api_live_routev[];

/* cdrapi.c */
extern const struct web_route api_cdr_routev[];

/* steerapi.c */
extern const struct web_route api_steer_routev[];

/* originateapi.c */
extern const struct web_route api_originate_routev[];

/* checkapi.c */
extern const struct web_route api_check_routev[];

void api_check_close(void);

/* pbxapi.c */
extern const struct web_route api_pbx_routev[];

void api_pbx_close(void);

/* recapi.c */
extern const struct web_route api_recording_routev[];

void api_set_recordings(const char *path);
