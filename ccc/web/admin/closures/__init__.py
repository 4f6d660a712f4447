"""Emergency closure of numbers (紧急关闭): what is closed, on every page it concerns; the switch in the designer."""
