# apps/hello/app.py: the map of the app. Nothing registers itself by being imported.
from skylift import App
from . import notes

app = App("hello", notes)          # every resource and function in these modules (a package is walked one level)
