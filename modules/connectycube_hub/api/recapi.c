/**
 * @file connectycube_hub/api/recapi.c  Recordings are listened to:
 *                                      GET /api/v1/recordings/{id}
 *
 * What is asked for is the id of a recording, never the name of a file: that
 * is what the database has of it.
 */
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "../web/route.h"
#include "../web/file.h"
#include "search.h"
#include "api.h"

static const char *root;        /* folder of recordings (pointer) */


static const char *type_of(const char *format, bool encrypted)
{
	static const char *const typev[][2] = {
		{"ogg", "audio/ogg"}, {"wav", "audio/wav"},
		{"m4a", "audio/mp4"}, {"mp4", "video/mp4"},
		{"webm", "video/webm"},
	};
	size_t i;

	for (i=0; !encrypted && i<ARRAY_SIZE(typev); i++) {
		if (!strcmp(typev[i][0], format))
			return typev[i][1];
	}

	return "application/octet-stream";
}


static void answer(struct web_req *req, const json_t *j)
{
	const char *name = json_string_value(json_object_get(j, "file"));
	const char *sum = json_string_value(json_object_get(j, "sha256"));
	const char *format = json_string_value(json_object_get(j, "format"));
	const char *slash = name ? strrchr(name, '/') : NULL;
	char etag[80];
	struct web_file f = {.root = root, .name = name, .etag = etag};

	if (json_is_true(json_object_get(j, "removed"))) {
		web_fault(req, 410, "removed", NULL, "it is not kept here any"
			  " more");
		return;
	}

	if (!name || !root) {
		web_fault(req, 404, "not_found", NULL, "this recording has no"
			  " file");
		return;
	}

	f.type = type_of(format ? format : "",
			 json_is_true(json_object_get(j, "encrypted")));
	(void)re_snprintf(etag, sizeof(etag), "\"%s\"", sum ? sum : "");
	(void)web_header(req, "Content-Disposition", "inline; filename=\"%s\"",
			 slash ? slash + 1 : name);
	req->audit = true;
	web_file(req, &f);
}


/* Who has asked may have gone */
static void found_handler(int err, struct mbuf *json, const char *why,
			  void *arg)
{
	struct web_req *req = arg;
	json_t *j = err ? NULL : json_loadb((const char *)json->buf,
					    json->end, 0, NULL);

	if (j)
		answer(req, j);
	else if (err == ENOENT)
		web_fault(req, 404, "not_found", NULL,
			  "there is no such recording");
	else
		web_problem(req, 500, "the database: %s", why);

	json_decref(j);
	mem_deref(req);
}


static void get_recording(struct web_req *req)
{
	struct search q = {.recording = true};
	const char *id = web_param(req, 0);
	int err = ENOENT;

	if (strlen(id) < sizeof(q.id)) {
		(void)re_snprintf(q.id, sizeof(q.id), "%s", id);
		err = searcher_ask(&q, req->who, found_handler,
				   mem_ref(req));
		if (err)
			mem_deref(req);
	}

	if (err == ENOENT)
		web_fault(req, 404, "not_found", NULL,
			  "there is no such recording");
	else if (err)
		web_problem(req, err == EBUSY ? 503 : 500, NULL);
}


/**
 * Set where recordings are
 *
 * @param path Folder, stays with the caller; NULL=there are none
 */
void api_set_recordings(const char *path)
{
	root = path;
}


const struct web_route api_recording_routev[] = {
	{WEB_GET, "/api/v1/recordings/{}", WEB_OPERATOR, get_recording, ""},
	{0},
};
