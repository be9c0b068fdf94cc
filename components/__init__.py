"""What the wall looks like: values in, Dash components out.

No questions to the store, no callbacks, no clock. `wall` is the page, `ids` its
names, `i18n` and `formats` its words and numbers, `theme` its colours; every
other module draws one thing and is named after it.
"""
