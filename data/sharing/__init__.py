"""What a department's sharing looks like (`words`) and how it is judged (`rules`). Pure."""
