/**
 * @file base/phrase.h  The words of a SIP answer
 */

const char *phrase_of(unsigned scode, const char *reason);
