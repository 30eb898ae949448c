# Files to be dragged, as a file manager has them: a row for each argument, which
# names one file or several. What becomes of a drag is written into the file "drag".
import pathlib
import sys

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, GLib, Gtk


def say(what):
    pathlib.Path("drag").write_text(what)


class Row(Gtk.EventBox):
    def __init__(self, names):
        super().__init__()
        label = Gtk.Label()
        label.set_markup("<span size='x-large'>%s</span>" % names)
        self.add(label)
        self.uris = [pathlib.Path(name).absolute().as_uri() for name in names.split()]
        self.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new("text/uri-list", 0, 0)], Gdk.DragAction.COPY)
        self.connect("drag-begin", self.begin)
        self.connect("drag-data-get", lambda _, context, data, *rest: data.set_uris(self.uris))
        self.connect("drag-end", self.end)

    def begin(self, _, context):
        say("begun")
        self.timer = GLib.timeout_add(50, self.look, context)

    def look(self, context):
        say("welcome" if context.get_selected_action() else "begun")
        return True

    def end(self, *_):
        GLib.source_remove(self.timer)
        say("ended")


window = Gtk.Window(title="Files")
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=24)
for names in sys.argv[1:]:
    box.pack_start(Row(names), False, False, 12)
window.add(box)
window.set_default_size(250, 300)
window.move(0, 40)
window.connect("destroy", Gtk.main_quit)
window.show_all()
Gtk.main()
