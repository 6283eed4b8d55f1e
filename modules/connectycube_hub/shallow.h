/**
 * @file connectycube_hub/shallow.h  JSON of others, before it is walked
 */

bool json_is_shallow(const json_t *j, unsigned depth);
