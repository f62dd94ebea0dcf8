//! The story that the program is made for, walked in Chromium.
