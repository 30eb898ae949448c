package pipe

const runFolder = "/run"
