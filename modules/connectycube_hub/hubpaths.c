/**
 * @file connectycube_hub/hubpaths.c  Files and folders of the configuration
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <re.h>
#include "base/log.h"
#include "config/confget.h"
#include "hub.h"


/** A path */
struct named {
	const char *key;        /**< Its key                               */
	const char *path;       /**< NULL=none                             */
	bool folder;            /**< It is a folder                        */
	bool later;             /**< Its folder may be missing now: it is
				     tried again                           */
	bool shared;            /**< Whose it is, is looked at elsewhere   */
};


static int check_path(const struct named *n, const struct cfg_reading *rd)
{
	const int err = n->path ? cfg_path_error(n->path, n->folder) : 0;

	/* a disk that is not there, or has a fault, may be mended */
	if (!err || (err == EACCES && n->shared) || err == EROFS || err == EIO ||
	    (err == ENOENT && n->later))
		return 0;

	return err == ENAMETOOLONG ? cfg_fault(rd, n->key, "is too long") :
		cfg_fault(rd, n->key, "%s: %m", n->path, err);
}


/* Bridges make it, or who has set up several users. Nobody has to record: one that
   is not there, and that nobody has asked for, is none that we need */
static int check_spool(const struct hub_config *cfg,
		       const struct cfg_reading *rd)
{
	const char *path = cfg->rec.spool;
	const int err = cfg_path_error(path, true);
	char why[512];
	struct stat st;

	if (err == EACCES && stat(path, &st) && errno == ENOENT &&
	    !strcmp(path, REC_SPOOL)) {
		cfg_path_remedy(why, sizeof(why), path, cfg->group);
		clog_info("hub: recordings are finished once there is %s:"
			  " %s\n", path, why);
		return 0;
	}

	if (err == EACCES) {
		cfg_path_remedy(why, sizeof(why), path, cfg->group);
		return cfg_fault(rd, "connectycube_record_spool", "%s: %s",
				 path, why);
	}

	return 0;
}


/* Two who write a file would spoil each other's */
static int check_same(const struct named *a, const struct named *b,
		      const struct cfg_reading *rd)
{
	return a->path && b->path && !strcmp(a->path, b->path) ?
		cfg_fault(rd, a->key, "%s: %s has the same", a->path, b->key)
		: 0;
}


/* Its folder is made; the one above must be there */
static int check_socket(const char *socket, const struct cfg_reading *rd)
{
	const char *slash = strrchr(socket, '/');
	char dir[256];
	int err;

	if (!slash || slash == socket)
		return 0;

	(void)re_snprintf(dir, sizeof(dir), "%b", socket,
			  (size_t)(slash - socket));
	err = cfg_path_error(dir, true);

	return err ? cfg_fault(rd, "connectycube_link_socket", "%s: %m%s", dir,
			       err, err == EACCES ? ": systemd makes it for"
			       " the hub's user (contrib/systemd/connectycube-"
			       "hub.service: RuntimeDirectory)" : "") : 0;
}


/**
 * Check the paths of the configuration
 *
 * @param cfg Configuration
 * @param rd  Reading
 *
 * @return 0 if they can be used, or may be later, otherwise errorcode; all
 *         that is wrong was said
 */
int hub_check_paths(const struct hub_config *cfg,
		    const struct cfg_reading *rd)
{
	const struct named v[] = {
		{"connectycube_hub_db", cfg->db, false, false, false},
		{"connectycube_hub_jsonl", cfg->jsonl, false, true, false},
		{"connectycube_hub_csv", cfg->csv, false, true, false},
		{"connectycube_hub_log_file", cfg->log_file, false, false,
		 false},
		{"connectycube_hub_recordings", cfg->rec.root, true, false,
		 false},
		{"connectycube_record_spool", cfg->rec.spool, true, true, true},
	};
	size_t i, k;
	int err = 0;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		err |= check_path(&v[i], rd);
		for (k=0; k<i; k++)
			err |= check_same(&v[i], &v[k], rd);
	}

	err |= check_spool(cfg, rd);

	return err | check_socket(cfg->socket, rd) ? EINVAL : 0;
}
