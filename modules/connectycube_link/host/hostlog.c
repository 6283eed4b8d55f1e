/**
 * @file connectycube_link/host/hostlog.c  Our lines in baresip's log
 *
 * For a module beside the bridge, which has its own copy of base/log.c.
 */
#include <re.h>
#include <baresip.h>
#include "base/log.h"
#include "connectycube_link/host/attach.h"


static void log_handler(const struct clog_line *line, void *arg)
{
	(void)arg;

	switch (line->level) {

	case CLOG_TRACE:
	case CLOG_DEBUG: debug("connectycube: %s", line->msg);   break;
	case CLOG_INFO:  info("connectycube: %s", line->msg);    break;
	default:         warning("connectycube: %s", line->msg); break;
	}
}


/**
 * Let what this module logs stand in baresip's log
 */
void hostlog_init(void)
{
	clog_set_handler(log_handler, NULL);
}


/**
 * Undo hostlog_init(), when no thread of this module is left
 */
void hostlog_close(void)
{
	clog_set_handler(NULL, NULL);
}
