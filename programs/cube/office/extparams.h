/**
 * @file office/extparams.h  The parameters of an extension, as they may be shown
 */

/**
 * A parameter
 *
 * @param name Its name
 * @param val  Its value, without quotes; *** of a secret
 * @param arg  Handler argument
 */
typedef void (office_param_h)(const char *name, const char *val, void *arg);

void office_params(const struct office_ext *ext, office_param_h *h, void *arg);
const char *office_shown(char *val, size_t size, const struct office_ext *ext,
			 const char *name);
