package pipe

const runFolder = "/var/run"
