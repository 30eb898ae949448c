// Package page makes one HTML page of a story: the verdict, a sequence diagram as
// inline SVG, and the lines of the logs. The page needs nothing but itself: no
// script, no font, no picture from elsewhere, and says so to the browser. All text
// comes from logs that anybody may have written; html/template escapes it. Pure
// functions, no state. Start reading at Of.
package page
